from . import test_invitation_calendar
