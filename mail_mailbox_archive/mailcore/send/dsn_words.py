"""Subjects of the customary systems that report in words, in the languages they speak.

They count after the form of a report, for those that return neither the message nor the
other server's reply. One line a language, as the systems of its countries write it.
"""

from __future__ import annotations

import re

_FAILED = r"""
undeliver|deliver(?:y|ed).{0,40}(?:fail|problem|status|delay|notif|error)|returned
failure|non.?deliver|could not|not be delivered|rejected|mail (?:error|system)
not delivered|unable to deliver|can(?:no|')t be delivered|bounced|user unknown
unzustellbar|unbekannt|nicht (?:zugestellt|zustellbar|ausgeliefert|gesendet)
zustell(?:ung.{0,30}(?:fehl|nicht)|fehler|problem)|fehlgeschlagen|r[üu]ckl[äa]ufer
niedostarcz|niedor[ęe]cz|nie (?:zosta[łl]a? )?(?:dostarcz|dor[ęe]cz|mo[żz]na)
zwrot (?:wiadomo|poczty|listu)|b[łl][ąa]d (?:dostarcz|dor[ęe]cz|wysy)|nie uda[łl]o
non (?:remis|distribu|d[ée]livr|livr)|[ée]chec|impossible de|retourn[ée]|rejet[ée]
n['’]a pas (?:[ée]t[ée]|pu)|erreur (?:de|d['’])
no (?:se (?:pudo|ha podido|puede|entreg)|entregad|entregable|ha sido)|devuelto
devoluci[óo]n|fall(?:o|[óo]) |error (?:de|en la|al) ent?|imposible
mancat[ao] (?:recapito|consegna)|impossibile|non (?:[èe] stat|recapitat|consegnat)
recapito.{0,30}(?:non|fallit)|fallit[ao]|respinto|restituito
n[ãa]o (?:entreg|foi|p[ôo]de|pode)|falha|devolvid|retornad|erro (?:de|na|ao) ent?
onbestelbaar|niet (?:afgeleverd|bezorgd|worden|besteld)|mislukt|geretourneerd
kunde inte|(?:ej|inte) levere|misslyck|olevere|returnerad|g[åa]r inte att
kunne ikke|ikke lever|mislyk|mislykk|returneret|returnert|kan ikke lever
ei (?:voitu|voida|toimitettu)|toimit(?:us|taminen).{0,30}ep[äa]onnis|palautettu
nedoru[čc]|nelze doru|nedodan|nedá sa doru|selhal|zlyhal|vr[áa]cen|nepoda[řr]ilo
k[ée]zbes[íi]t(?:hetetlen|[ée]s.{0,30}(?:hib|sikertelen)|etlen)|sikertelen|nem k[ée]zbes
nelivrat|nu a (?:putut|fost)|e[șşs]ec|e[șşs]uat|returnat
nedostavljen|neisporu|nije (?:mogu[ćc]e|isporu|dostav)|ni bilo mogo
не\s?(?:была?|было|может|удалось|удаётся)? ?\s?(?:доставл|удалось|быть доставл)
недоставл|невозможно|возвра(?:т|щ)|ошибка|не вдалося|не доставлен|помилка|повернут
неуспе(?:ш|х)|не може да|недоставен|върнат
teslim edilem|iletilem|g[öo]nderilem|ba[şs]ar[ıi]s[ıi]z|ula[şs]t[ıi]r[ıi]lamad
αποτυχία|δεν (?:ήταν|μπόρεσε|παραδόθηκε|είναι)|αδύνατη|επιστροφή
配信(?:不能|でき|エラー|失敗|不可)|送信(?:失敗|エラー|でき)|不達|届け(?:られ|る)|返送|宛先不明
退信|退回|(?:无法|不能)(?:投递|送达|传递|发送)|未(?:送达|传递|投递)|投递失败|发送失败
(?:無法|不能)(?:傳遞|送達|投遞|傳送)|未(?:傳遞|送達|遞送)|投遞失敗|傳送失敗|遞送失敗
반송|배달(?:되지|할 수|불가|실패)|전송 ?(?:실패|불가)|발송 ?실패|수신 ?실패
תקלה|לא ניתן למסור|נכשל|تعذر|فشل|لم يتم تسليم|ไม่สามารถ|ส่งไม่|kh[ôo]ng (?:g[ửu]i|th[ểe])
gagal|tidak (?:dapat|terkirim)|dikembalikan
"""

_DELAYED = r"""
delayed|will (?:be retried|keep trying|retry)|still (?:trying|being)|not yet been
warning|delivery.{0,20}delay|(?:verz[öo]ger|versp[äa]t)ung|verz[öo]gert
op[óo][źz]ni|retard[ée]?|retras|demora|ritard|atras|adiad|vertraag|vertraging
f[öo]rsen|f[öo]rdr[öo]j|forsink|viiv[äa]s|zpo[žz]d|oneskor|k[ée]s(?:ik|edelem)|[îi]nt[âa]rzi
задерж|затрим|закъсн|gecik|καθυστέρηση|遅延|遅れ|延迟|延遲|지연
"""

#: A system that was not asked for it tells that a message did arrive.
_ARRIVED = r"success|has been delivered|was delivered|relayed|delivered:"


def _any(words: str) -> re.Pattern[str]:
    return re.compile("|".join(words.split("\n")[1:-1]) or words, re.I)


FAILED = _any(_FAILED)
DELAYED = _any(_DELAYED)
ARRIVED = re.compile(_ARRIVED, re.I)
