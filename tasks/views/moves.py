"""POST /api/moves: Better Auth's server moves an anonymous user's tasks to the account that they signed up with."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import MoveAuthentication
from accounts.tokens.moves import MoveOrder
from accounts.users import restore_user
from tasks.exceptions import OwnerNotFound
from tasks.moves import move_tasks
from tasks.operations import Actor


class MoveView(APIView):
    """For Better Auth's server, not for clients: the token alone says what is moved."""

    authentication_classes = (MoveAuthentication,)

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        order = cast(MoveOrder, request.user)
        try:
            moved = move(order)
        except OwnerNotFound:  # With a database of our own, the new user has not been here before.
            restore_user(order.target)
            moved = move(order)
        return Response({"moved": moved}, headers={"Cache-Control": "no-store"})


def move(order: MoveOrder) -> int:
    return move_tasks(order.source_id, order.target.id, Actor(order.target.id))
