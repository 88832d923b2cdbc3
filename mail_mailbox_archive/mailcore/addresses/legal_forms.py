"""Legal forms of companies: what a name may lose and still be the same name.

Written in lower case without diacritics, countries of one law side by side. Between
single letters a space may be missing or be a dot: ``s a`` stands for "S.A.", "S. A."
and "SA" alike. Only what a law calls a form of company belongs here, not what it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

#: Forms that end a name, also several one after the other ("GmbH & Co. KG").
_ENDINGS = """
s a|spolka akcyjna|p s a|prosta spolka akcyjna|a s i|sp z o o|spzoo|spolka z o o
spolka z ograniczona odpowiedzialnoscia|sp k|s k|spolka komandytowa|s k a|sp k a
spolka komandytowo akcyjna|sp j|s j|spolka jawna|sp p|spolka partnerska|s c
spolka cywilna|i spolka|i s ka|w likwidacji|w upadlosci|w restrukturyzacji|w organizacji
g m b h|g g m b h|mbh|a g|k g|o h g|k g a a|u g|haftungsbeschrankt|e k|e kfm|e kfr|e v
e u|g b r|partg|partgmbb|partg mbb|e g|und co|ges m b h|aktiengesellschaft
gesellschaft mit beschrankter haftung|kommanditgesellschaft|in liquidation|i l|sagl
l t d|limited|p l c|public limited company|l l p|l p|l l c|limited liability company
limited liability partnership|limited partnership|co|and co|unlimited company|d a c
c l g|c i c|inc|incorporated|corp|corporation|p l l c|p c
pty|pvt|pte|private|bhd|sdn|n p c|rf
s a s|s a s u|s a r l|e u r l|s n c|s c a|s c s|s c i|scop|s p r l|s c r l|a s b l
societe anonyme|societe a responsabilite limitee|societe par actions simplifiee|et cie
b v|n v|b v b a|c v b a|v z w|v o f|c v|besloten vennootschap|naamloze vennootschap
s l|s l u|s a u|s l l|s l n e|sociedad anonima|sociedad limitada|y cia|c por a
sociedad de responsabilidad limitada|s a de c v|s de r l de c v|s a b de c v|s a c
l d a|limitada|ltda|unipessoal|s g p s|e i r l|eireli|e s p
s r l|s r l s|s p a|s a p a|societa per azioni|societa a responsabilita limitata
soc coop|s c a r l|s c r l
s r o|spol s r o|a s|v o s|k s|o p s|akciova spolecnost|akciova spolocnost|statni podnik
spolecnost s rucenim omezenym|spolocnost s rucenim obmedzenym
k f t|z r t|n y r t|b t|k k t|korlatolt felelossegu tarsasag
s r l d|p f a|d o o|j d o o|d d|k d|d n o|o o d|e o o d|a d|e a d|оод|еоод|ад|еад
a b|publ|aktiebolag|h b|a s a|a n s|a p s|i v s|aktieselskab|anpartsselskab
o y|o y j|k y|osakeyhtio|e h f|h f|o u|osauhing|aktsiaselts|u a b|s i a
о о о|о а о|з а о|п а о|а о|т о в|п а т|пр а т|т о о|о д о|o o o|o a o|z a o|p a o
a s ti|ltd sti|limited sirketi|anonim sirketi|san ve tic|san tic|sanayi ve ticaret
ε π ε|α ε|ο ε|ε ε|ι κ ε|e p e|i k e|f z e|f z c o|fz llc|w l l|s a l|p j s c|j s c
o j s c|c j s c|k k|g k|y k|godo kaisha|kabushiki kaisha|t b k|persero
s e|societas europaea|e e i g|s c e
"""

#: Forms that begin a name.
_BEGINNINGS = """
о о о|о а о|з а о|п а о|а о|т о в|п а т|пр а т|т о о|и п|ф о п|o o o|o a o|p a o|t o v
u a b|s i a|a b|p t
"""


def _forms(table: str) -> frozenset[str]:
    listed = table.strip().replace("\n", "|").split("|")
    return frozenset(written for form in listed for written in _spellings(form))


def _spellings(form: str) -> Iterator[str]:
    """Yield ``form`` with every choice of spaces between its single letters."""
    words = form.split(" ")
    gaps = [
        ("", " ") if len(left) == len(right) == 1 else (" ",)
        for left, right in zip(words, words[1:], strict=False)
    ]
    for chosen in product(*gaps):
        yield "".join(map("".join, zip(words, (*chosen, ""), strict=True)))


#: Endings and beginnings as they stand in a folded name.
ENDINGS = _forms(_ENDINGS)
BEGINNINGS = _forms(_BEGINNINGS)
