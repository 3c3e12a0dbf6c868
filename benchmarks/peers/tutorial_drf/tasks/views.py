from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from tasks.models import Task
from tasks.permissions import PathUserIsCaller
from tasks.serializers import TaskSerializer


class TaskViewSet(ModelViewSet):
    serializer_class = TaskSerializer
    permission_classes = [IsAuthenticated, PathUserIsCaller]

    def get_queryset(self):
        tasks = Task.objects.filter(user=self.request.user)
        status = self.request.query_params.get("status", "all")
        if status != "all":
            tasks = tasks.filter(completed=status == "completed")
        if self.request.query_params.get("sort") == "title":
            tasks = tasks.order_by("title")
        return tasks

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)

    def update(self, request, *args, **kwargs):
        kwargs["partial"] = True
        return super().update(request, *args, **kwargs)

    @action(detail=True, methods=["patch"])
    def complete(self, request, *args, **kwargs):
        task = self.get_object()
        task.completed = not task.completed
        task.save()
        return Response(self.get_serializer(task).data)
