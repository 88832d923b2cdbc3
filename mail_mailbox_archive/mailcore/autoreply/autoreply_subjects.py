"""Subjects of absence notes that give no other sign of being one, in many languages.

Those that mail programs and servers write by themselves: Outlook and Exchange
("Automatic reply:", in each of its languages), Gmail, Lotus Notes, Zimbra, the vacation
scripts of Roundcube and Sieve, Kerio, GroupWise, and what people commonly enter as the
subject there.
"""

from __future__ import annotations

import re
import unicodedata

#: What a subject begins with, whatever follows.
_PREFIXES = (
    # English
    "automatic reply|auto reply|auto-reply|autoreply|autoresponse|auto response",
    "auto-response|automated response|automated reply|automatic response|auto answer",
    "automatic answer|out of office|out of the office|out-of-office|ooo:|[ooo]",
    "i am out of office|i'm out of office|i am out of the office|away from the office",
    "away from my mail|away from office|vacation reply|vacation notice",
    "vacation message",
    "vacation response|on vacation:|on holiday:|on annual leave|on leave:|auto:",
    "absence notification|notice of absence|message from vacation|am currently out",
    # Polish
    "automatyczna odpowiedź|odpowiedź automatyczna|autoodpowiedź|auto-odpowiedź",
    "odpowiedź na nieobecność|poza biurem|nieobecność w biurze",
    "informacja o nieobecności",
    "jestem poza biurem|nieobecność:|urlop:|autoresponder",
    # German
    "automatische antwort|automatische rückantwort|abwesenheitsnotiz|abwesenheit:",
    "abwesenheitsmeldung|abwesenheitsbenachrichtigung|abwesenheitsagent|abwesend:",
    "automatische abwesenheit|ich bin nicht im büro|nicht im büro|urlaub:|außer haus",
    "ich bin außer haus|autoantwort|automatisch generierte antwort|bin im urlaub",
    # French
    "réponse automatique|absence du bureau|absent du bureau|message d'absence|absence:",
    "notification d'absence|absent(e):|en congé:|en congés:|réponse d'absence",
    # Spanish
    "respuesta automática|fuera de la oficina|fuera de oficina|ausente de la oficina",
    "auto respuesta|autorespuesta|respuesta de ausencia|de vacaciones:|ausencia:",
    # Italian
    "risposta automatica|fuori sede|fuori ufficio|assente dall'ufficio|assenza:",
    "risponditore automatico|in ferie:|assenza dall'ufficio",
    # Portuguese
    "resposta automática|ausência temporária|fora do escritório|ausente do escritório",
    "em férias:|de férias:|ausência:|fora da empresa",
    # Dutch
    "automatisch antwoord|automatische reactie|afwezigheidsbericht|niet aanwezig:",
    "afwezig:|afwezigheid:|niet op kantoor|buiten kantoor|met vakantie:",
    # Swedish, Norwegian, Danish, Finnish
    "autosvar|automatiskt svar|automatisk svar|frånvaromeddelande|frånvaro:",
    "ej på kontoret|inte på kontoret|fraværsmelding|fravær:|ikke på kontoret",
    "ikke til stede|fraværsmeddelelse|fraværsbesked|automaattinen vastaus",
    "poissaoloviesti|poissa toimistosta|poissaoloilmoitus|lomalla:",
    # Czech, Slovak
    "automatická odpověď|automatická odpoveď|mimo kancelář|mimo kanceláriu",
    "nepřítomnost|nejsem v kanceláři|neprítomnosť|som mimo kancelárie|dovolená:",
    # Hungarian, Romanian
    "automatikus válasz|házon kívül|irodán kívül|távollét|szabadság:",
    "răspuns automat|raspuns automat|în afara biroului|absent din birou",
    "mesaj de absență",
    # Bulgarian, Ukrainian, Russian
    "автоматичен отговор|автоматична відповідь|автоматический ответ|автоответ",
    "автовідповідь|извън офиса|поза офісом|вне офиса|нет на месте|меня нет в офисе",
    "отсутствие на рабочем месте|в отпуске:|отпуск:|у відпустці:",
    # Greek, Turkish
    "αυτόματη απάντηση|εκτός γραφείου|otomatik yanıt|otomatik cevap|ofis dışında",
    "ofis dışındayım|işyeri dışında",
    # Lithuanian, Latvian, Estonian
    "automatinis atsakymas|automātiska atbilde|automātiskā atbilde|automaatvastus",
    "nesu biure|ne biroja|kontorist väljas",
    # Slovene, Croatian, Serbian
    "samodejni odgovor|samodejno odgovarjanje|automatski odgovor|аутоматски одговор",
    "odsoten|odsutan|izvan ureda|van ureda|na dopustu:|na godišnjem:",
    # Chinese, Japanese, Korean
    "自动回复|自動回覆|自动答复|自動答覆|外出通知|不在办公室|不在辦公室|休假通知",
    "自動応答|自動返信|不在通知|不在のお知らせ|外出中",
    "자동 회신|자동 응답|자동응답|부재중",
    # Arabic, Hebrew
    "رد تلقائي|الرد التلقائي|خارج المكتب|מענה אוטומטי|תשובה אוטומטית|מחוץ למשרד",
    # Catalan, Vietnamese, Indonesian
    "resposta automàtica|fora de l'oficina|trả lời tự động|vắng mặt|balasan otomatis",
)
#: The whole subject; as a part of one, people write it as well.
_WHOLE = (
    "away|absent|absence|out|vacation|on vacation|holiday|on holiday|on leave",
    "annual leave|ooo|abwesend|abwesenheit|urlaub|im urlaub|nieobecność|urlop",
    "na urlopie|en vacances|en congé|vacaciones|de vacaciones|ausente|ausencia",
    "assente|assenza|in ferie|ferie|férias|em férias|ausência|afwezig|afwezigheid",
    "vakantie|frånvaro|semester|fravær|ferie|loma|lomalla|dovolená|dovolenka",
    "szabadság|concediu|absență|отпуск|в отпуске|відпустка|отпуска|άδεια|izinde|tatil",
    "atostogos|atvaļinājums|puhkus|dopust|godišnji odmor|休假|休暇|휴가|إجازة|חופשה",
)
#: What mail programs put before the subject that they answer.
_ANSWERS = re.compile(
    r"\s*(?:(?:re|aw|odp|sv|vs|tr|fwd?|wg|antw|rif|res|ynt|回复|答复|转发)\s*[:：]\s*)*",
    re.I,
)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(text.replace("’", "'").replace("–", "-").split())


_BEGIN = tuple(_plain(one) for line in _PREFIXES for one in line.split("|"))
_EQUAL = frozenset(_plain(one) for line in _WHOLE for one in line.split("|"))


def is_absence_note(subject: str) -> bool:
    """Return whether an answering machine writes such a subject."""
    text = _plain(_ANSWERS.sub("", subject, count=1)).lstrip("[(*<\"'„“«")
    text = _plain(subject) if text.startswith("ooo]") else text
    return text.startswith(_BEGIN) or text.strip(" .!:-])*>\"'”»") in _EQUAL
