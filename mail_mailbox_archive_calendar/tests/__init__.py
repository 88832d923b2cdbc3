from . import test_calendar_browser
from . import test_invitation_calendar
from . import test_invitation_series
