from odoo.tools import SQL


def one_by_one(query):
    """Return ``EXISTS`` over a correlated ``query`` that is asked for each row alone.

    Without the OFFSET PostgreSQL may go through all of the sub-query first, to look the
    rows up in it afterwards: for the eighty lines of a page that is a second in an
    archive of a million.
    """
    return SQL("EXISTS (%s OFFSET 0)", query.select(SQL("1")))
