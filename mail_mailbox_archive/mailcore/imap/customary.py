"""What mail programs call the folders of each role, by language.

A server need not tell what a folder is for (RFC 6154 is an extension), and programs
make folders of their own beside those that it tells. The names are those of Roundcube's
localisation (its labels ``sent``, ``trash``, ``junk`` and ``drafts``), of the default
folders of Outlook and Exchange, of Gmail, of Thunderbird and of Apple Mail, as they
stand in their interfaces. A name that people give to folders of other kinds as well
("Archive", "Deleted 2024") is none.
"""

#: Role → names, as they are compared: without regard to case.
NAMES: dict[str, tuple[str, ...]] = {
    "sent": (
        *("Sent", "Sent Items", "Sent Messages", "Sent Mail", "Sent E-mail"),  # English
        *("Wysłane", "Elementy wysłane", "Wysłana poczta"),  # Polish
        *("Gesendet", "Gesendete Elemente", "Gesendete Objekte"),  # German
        *("Gesendete Nachrichten",),
        *("Envoyés", "Éléments envoyés", "Messages envoyés", "Courrier envoyé"),
        *("Enviados", "Elementos enviados", "Correo enviado", "Mensajes enviados"),
        *("Posta inviata", "Inviata", "Inviati", "Elementi inviati"),  # Italian
        *("Itens enviados", "Itens Enviados", "E-mails enviados"),  # Portuguese
        *("Verzonden", "Verzonden items", "Verzonden berichten"),  # Dutch
        *("Skickat", "Skickade objekt", "Skickade"),  # Swedish
        *("Sendt", "Sendte elementer", "Sendte"),  # Norwegian
        *("Sendt post", "Sendte mails"),  # Danish
        *("Lähetetyt", "Lähetetyt viestit"),  # Finnish
        *("Odeslané", "Odeslaná pošta"),  # Czech
        *("Odoslané", "Odoslaná pošta"),  # Slovak
        *("Küldöttek", "Elküldött elemek", "Elküldött üzenetek", "Elküldött"),
        *("Trimise", "Elemente trimise", "Mesaje trimise"),  # Romanian
        *("Изпратени", "Изпратени елементи"),  # Bulgarian
        *("Надіслані", "Відправлені", "Надіслані елементи"),  # Ukrainian
        *("Отправленные", "Отправленные элементы"),  # Russian
        *("Απεσταλμένα", "Σταλμένα"),  # Greek
        *("Gönderilmiş", "Gönderilmiş Öğeler", "Gönderilenler"),  # Turkish
        *("Išsiųsti laiškai", "Išsiųsta", "Išsiųsti elementai"),  # Lithuanian
        *("Nosūtītās", "Nosūtītie vienumi"),  # Latvian
        *("Saadetud", "Saadetud kirjad", "Saadetud üksused"),  # Estonian
        *("Poslano", "Poslani predmeti", "Poslane stavke"),  # Slovene, Croatian
        *("已发送邮件", "已发送", "已傳送郵件", "寄件備份", "寄件备份"),  # Chinese
        *(
            "送信済み",
            "送信済みアイテム",
            "送信済みメール",
            "送信済みトレイ",
        ),  # Japanese
        *("보낸 편지함", "보낸편지함", "보낸메일함", "보낸 항목"),  # Korean
        *("المرسل", "العناصر المرسلة", "البريد المرسل"),  # Arabic
        *("נשלח", "פריטים שנשלחו"),  # Hebrew
        *("Enviats", "Elements enviats"),  # Catalan
        *("Послате", "Đã gửi"),  # Serbian, Vietnamese
    ),
    "trash": (
        *("Trash", "Deleted", "Deleted Items", "Deleted Messages", "Bin"),  # English
        *("Deleted Mail", "Trash Can", "Wastebasket"),
        *("Kosz", "Elementy usunięte", "Usunięte", "Usunięte elementy"),  # Polish
        *("Papierkorb", "Gelöscht", "Gelöschte Elemente", "Gelöschte Objekte"),
        *("Corbeille", "Éléments supprimés", "Messages supprimés"),  # French
        *("Papelera", "Elementos eliminados", "Eliminados"),  # Spanish
        *("Papelera de reciclaje", "Mensajes eliminados"),
        *("Cestino", "Posta eliminata", "Eliminati", "Elementi eliminati"),  # Italian
        *("Lixeira", "Lixo", "Reciclagem", "Itens excluídos", "Itens eliminados"),
        *("Prullenbak", "Prullenmand", "Verwijderde items", "Verwijderd"),  # Dutch
        *("Papperskorg", "Papperskorgen", "Borttaget", "Borttagna objekt"),  # Swedish
        *("Papirkurv", "Papirkurven", "Slettet", "Slettede elementer"),  # Norw., Danish
        *("Slettet post", "Søppelbøtte"),
        *("Roskakori", "Poistetut"),  # Finnish
        *("Koš", "Odstraněná pošta", "Smazaná pošta"),  # Czech
        *("Kôš", "Odstránená pošta", "Odstránené položky"),  # Slovak
        *("Kuka", "Törölt elemek", "Törölt üzenetek"),  # Hungarian
        *("Gunoi", "Coş de gunoi", "Coș de gunoi", "Elemente șterse"),  # Romanian
        *("Elemente şterse",),
        *("Кошче", "Изтрити", "Изтрити елементи"),  # Bulgarian
        *("Кошик", "Видалені", "Видалені елементи"),  # Ukrainian
        *("Корзина", "Удаленные", "Удалённые", "Удаленные элементы"),  # Russian
        *("Удалённые элементы",),
        *("Κάδος Απορριμάτων", "Κάδος απορριμμάτων", "Διαγραμμένα"),  # Greek
        *("Κάδος", "Διαγραμμένα στοιχεία"),
        *("Çöp", "Çöp Kutusu", "Silinmiş Öğeler", "Silinmiş"),  # Turkish
        *("Šiukšlinė", "Šiukšliadėžė", "Panaikinti elementai"),  # Lithuanian
        *("Papīrgrozs", "Atkritne", "Izdzēstie vienumi", "Miskaste"),  # Latvian
        *("Prügikast", "Kustutatud", "Kustutatud üksused"),  # Estonian
        *("Smeti", "Koš za smeti", "Izbrisano", "Izbrisani predmeti"),  # Slovene
        *("Smeće", "Izbrisane stavke", "Kanta za smeće"),  # Croatian
        *("已删除邮件", "已删除", "垃圾桶", "已刪除的郵件", "刪除的郵件"),  # Chinese
        *("废件箱", "回收站", "已刪除郵件"),
        *("ごみ箱", "ゴミ箱", "削除済みアイテム", "削除済み"),  # Japanese
        *("지운 편지함", "휴지통", "지운편지함", "지운 항목", "삭제된 항목"),  # Korean
        *("المهملات", "العناصر المحذوفة", "سلة المهملات"),  # Arabic
        *("אשפה", "פריטים שנמחקו"),  # Hebrew
        *("Paperera", "Elements suprimits"),  # Catalan
        *("Смеће", "Thùng rác"),  # Serbian, Vietnamese
    ),
    "junk": (
        *("Junk", "Spam", "Junk E-mail", "Junk Email", "Junk Mail"),  # English
        *("Bulk Mail", "Bulk", "Junk-E-Mail", "Spam Mail"),
        *("Niechciane", "Wiadomości-śmieci", "Wiadomości śmieci"),  # Polish
        *("Niechciana poczta", "Poczta niechciana", "Wiadomości niechciane"),
        *("Spamverdacht", "Spam-Verdacht", "Unerwünscht", "Werbung"),  # German
        *("Courrier indésirable", "Pourriel", "Pourriels", "Indésirables"),  # French
        *("Correo no deseado", "Correo electrónico no deseado"),  # Spanish
        *("No deseado",),
        *("Posta indesiderata", "Indesiderata"),  # Italian
        *("Lixo eletrônico", "Lixo Eletrónico", "Correio publicitário"),  # Portuguese
        *("Lixo electrónico",),
        *("Ongewenste e-mail", "Ongewenst", "Ongewenste reclame"),  # Dutch
        *("Skräp", "Skräppost"),  # Swedish
        *("Søppelpost", "Søppel-e-post", "Uønsket e-post"),  # Norwegian
        *("Uønsket e-mail", "Uønsket mail", "Uønsket post"),  # Danish
        *("Roskaposti", "Roskapostit"),  # Finnish
        *("Nevyžádaná pošta", "Nevyžádané", "Hromadná pošta"),  # Czech
        *("Nevyžiadaná pošta", "Nevyžiadané"),  # Slovak
        *("Kéretlen", "Levélszemét", "Kéretlen levelek"),  # Hungarian
        *("E-mail nedorit", "Mesaje nedorite", "Nedorite"),  # Romanian
        *("Спам", "Нежелана поща", "Нежелани"),  # Bulgarian
        *("Небажана пошта", "Небажані", "Небажана електронна пошта"),  # Ukrainian
        *("Нежелательная почта", "Рассылки и спам"),  # Russian
        *("Ανεπιθύμητα", "Ανεπιθύμητη αλληλογραφία"),  # Greek
        *("İstenmeyen", "Önemsiz E-posta", "Önemsiz", "Gereksiz"),  # Turkish
        *("Brukalas", "Brukalai", "El. pašto šiukšlės"),  # Lithuanian
        *("Mēstules", "Nevēlamais e-pasts"),  # Latvian
        *("Rämps", "Rämpspost"),  # Estonian
        *("Neželena sporočila", "Neželena pošta", "Vsiljena pošta"),  # Slovene
        *("Neželjena pošta", "Bezvrijedna pošta"),  # Croatian
        *("垃圾邮件", "垃圾箱", "垃圾郵件", "垃圾信件"),  # Chinese
        *("迷惑メール", "スパム", "迷惑メールフォルダ"),  # Japanese
        *("스팸 편지함", "스팸편지함", "정크 메일", "스팸메일함", "스팸"),  # Korean
        *("غير المرغوب", "البريد غير الهام", "البريد الإلكتروني غير الهام"),  # Arabic
        *("البريد المزعج",),
        *("זבל", "דואר זבל"),  # Hebrew
        *("Correu brossa", "Отпад", "Thư rác"),  # Catalan, Serbian, Vietnamese
    ),
    "drafts": (
        *("Drafts", "Draft", "Draft Messages"),  # English
        *("Szkice", "Kopie robocze", "Robocze", "Wersje robocze"),  # Polish
        *("Entwürfe", "Entwurf"),  # German
        *("Brouillons", "Brouillon"),  # French
        *("Borradores", "Borrador"),  # Spanish
        *("Bozze",),  # Italian
        *("Rascunhos", "Rascunho"),  # Portuguese
        *("Concepten",),  # Dutch
        *("Utkast",),  # Swedish, Norwegian
        *("Kladd", "Kladder"),  # Norwegian, Danish
        *("Luonnokset",),  # Finnish
        *("Rozepsané", "Koncepty", "Rozepsaná pošta", "Rozpísané"),  # Czech, Slovak
        *("Piszkozatok",),  # Hungarian
        *("Ciorne", "Schițe"),  # Romanian
        *("Чернови",),  # Bulgarian
        *("Чернетки",),  # Ukrainian
        *("Черновики", "Черновик"),  # Russian
        *("Πρόχειρα",),  # Greek
        *("Taslak", "Taslaklar"),  # Turkish
        *("Juodraščiai",),  # Lithuanian
        *("Uzmetumi", "Melnraksti"),  # Latvian
        *("Mustandid",),  # Estonian
        *("Osnutki", "Predlošci", "Skice"),  # Slovene, Croatian
        *("草稿箱", "草稿匣", "草稿"),  # Chinese
        *("下書き",),  # Japanese
        *("임시 보관함", "임시보관함", "초안"),  # Korean
        *("المسودات", "مسودات"),  # Arabic
        *("טיוטות",),  # Hebrew
        *("Esborranys", "Нацрти", "Thư nháp"),  # Catalan, Serbian, Vietnamese
    ),
}
