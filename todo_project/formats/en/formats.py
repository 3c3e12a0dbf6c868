"""How the admin writes dates: 24 Nov 2026, 14:05, also in those of its pages that are Django's own."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
MONTH_DAY_FORMAT = "j F"
