"""Providers of another add-on, as examples: each is one file, and all that there is.

An add-on of your own imports its file just so.
"""

from . import folder, mailgun_like, ses_like
