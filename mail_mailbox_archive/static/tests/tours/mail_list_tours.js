import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const line = (subject) =>
    `.o_data_row:has(.o-mailbox-MailLine-subject:contains("${subject}"))`;
const shown = (subject) => `.o-mailbox-MessageViewer-subject:contains("${subject}")`;

/** Choose the record of the only line in the dialog, by typing, and confirm. */
const chooseRecord = (name, told = "1 email attached") => [
    {
        content: "the record can be typed at once",
        trigger: ".modal .o_data_row td[name=res_id] input",
        run: `edit ${name}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item:contains("${name}")`,
        run: "click",
    },
    {
        trigger: `.modal .o_field_widget[name=audience]:contains("${name}")`,
    },
    {
        trigger: ".modal button[name=action_confirm]",
        run: "click",
    },
    {
        trigger: `.o_notification:contains(${told})`,
    },
];

tours.add("mailbox_archive_with_two_keys", {
    steps: () => [
        {
            content: "read it",
            trigger: `${line("Offer from Spostex")} .o-mailbox-MailLine`,
            run: "click",
        },
        {
            trigger: shown("Offer from Spostex"),
            run: "press a",
        },
        {
            content: "the suggestion is taken, with its evidence",
            trigger:
                ".modal .o-mailbox-Suggestions-chip[aria-pressed=true]:contains(Spostex):contains(appears in the subject)",
        },
        {
            content: "the suggestions stay when its line is removed",
            trigger: ".modal .o_data_row .o_list_record_remove",
            run: "click",
        },
        {
            trigger:
                ".modal:not(:has(.o_list_record_remove)) button[name=action_confirm]",
            run: "click",
        },
        {
            content: "without a record nothing is archived, nor lost",
            trigger: ".o_notification:contains(Choose the record)",
        },
        {
            trigger:
                ".modal:not(:has(.o_list_record_remove)) .o-mailbox-Suggestions-chip[aria-pressed=false]:contains(Spostex)",
            // as by the keyboard
            run: ({anchor}) => anchor.click(),
        },
        {
            trigger: ".modal .o_field_widget[name=audience]:contains(Spostex)",
        },
        {
            trigger: ".modal button[name=action_confirm]:focus",
            run: "press Enter",
        },
        {
            trigger: ".o_notification:contains(1 email attached)",
        },
        {
            content: "the list and the viewer know",
            trigger: `${line("Offer from Spostex")} .o-mailbox-RecordChips-chip:contains(Spostex)`,
        },
        {
            trigger:
                ".o-mailbox-MessageViewer .o-mailbox-RecordChips-chip:contains(Spostex)",
        },
        {
            trigger:
                ".o-mailbox-MessageViewer-archive:contains(Attach to another record)",
        },
    ],
});

tours.add("mailbox_queue_archive", {
    steps: () => [
        {
            content: "Queue, select two",
            trigger: `${line("First")} .o_list_record_selector input`,
            run: "click",
        },
        {
            trigger: `${line("Second")} .o_list_record_selector input`,
            run: "click",
        },
        {
            trigger: "button:contains(Archive new email)",
            run: "click",
        },
        {
            trigger:
                ".modal .o_field_widget[name=subjects]:contains(First):contains(Second)",
        },
        ...chooseRecord("Site Mokotów", "2 emails attached"),
        {
            trigger: `${line("First")} .o-mailbox-RecordChips-chip:contains(Site Mokotów)`,
        },
        {
            trigger: `${line("Second")} .o-mailbox-RecordChips-chip:contains(Site Mokotów)`,
        },
    ],
});

tours.add("mailbox_method_1", {
    steps: () => [
        {
            content: "Archives, select",
            trigger: `${line("Archived before")} .o_list_record_selector input`,
            run: "click",
        },
        {
            trigger: "button:contains(Attach this email to another record)",
            run: "click",
        },
        ...chooseRecord("Site Mokotów"),
        {
            trigger: `${line("Archived before")} .o-mailbox-RecordChips-chip:contains(Site Mokotów)`,
        },
    ],
});

tours.add("mailbox_method_2", {
    steps: () => [
        {
            content: "Archives, display",
            trigger: `${line("Archived before")} button[name=action_display]`,
            run: "click",
        },
        {
            trigger: `.o_form_view ${shown("Archived before")}`,
        },
        {
            trigger:
                ".o-mailbox-MessageViewer-archive:contains(Attach to another record)",
            run: "click",
        },
        ...chooseRecord("Site Mokotów"),
        {
            trigger:
                ".o-mailbox-MessageViewer .o-mailbox-RecordChips-chip:contains(Site Mokotów)",
        },
        {
            content: "the head knows of what is detached below it",
            trigger:
                "[name=link_ids] .o_data_row:contains(Site Mokotów) button[name=action_unfile]",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o-mailbox-MessageViewer .o-mailbox-RecordChips:not(:contains(Site Mokotów))",
            run: "press u",
        },
        {
            content: "and that it was undone",
            trigger:
                ".o-mailbox-MessageViewer .o-mailbox-RecordChips-chip:contains(Site Mokotów)",
            run: "click",
        },
        {
            content: "a chip opens its record",
            trigger: ".o_last_breadcrumb_item:contains(Site Mokotów)",
        },
    ],
});

tours.add("mailbox_method_3", {
    steps: () => [
        {
            content: "the record's tab",
            trigger: ".nav-link[name=mailbox_archive]",
            run: "click",
        },
        {
            trigger:
                ".o-mailbox-AttachedEmails:contains(No emails are attached here yet)",
        },
        {
            trigger: ".o-mailbox-AttachedEmails-attach",
            run: "click",
        },
        {
            trigger:
                ".modal .o_data_row:contains(Archived before) .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".modal .o_select_button:enabled",
            run: "click",
        },
        {
            content: "the dialog is filled with this record",
            trigger: ".modal .o_field_widget[name=audience]:contains(Site Mokotów)",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            trigger:
                ".o-mailbox-AttachedEmail:contains(Archived before) .o-mailbox-AttachedEmail-line",
            run: "click",
        },
        {
            trigger: `.o-mailbox-AttachedEmails-viewer ${shown("Archived before")}`,
        },
    ],
});

tours.add("mailbox_keys", {
    steps: () => [
        {
            trigger: ".o-mailbox-MailList",
            run: "press j",
        },
        {
            trigger: shown("Third"),
            run: "press j",
        },
        {
            trigger: shown("Second"),
            run: "press k",
        },
        {
            trigger: shown("Third"),
            run: "press ?",
        },
        {
            content: "no key acts behind a dialog",
            trigger: ".modal .o-mailbox-KeysDialog",
            run: "press j",
        },
        {
            trigger: ".modal button:contains(Close)",
            run: "click",
        },
        {
            trigger: `body:not(:has(.modal)) ${shown("Third")}`,
            run: "press /",
        },
        {
            content: "letters are letters where one types",
            trigger: ".o_searchview_input:focus",
            run: "press j",
        },
        {
            trigger: ".o-dropdown--menu.o_searchview_autocomplete",
            run: "press Escape",
        },
        {
            trigger: `body:not(:has(.o_searchview_autocomplete)) ${line("Third")}.o-mailbox-MailList-open .o-mailbox-MailLine`,
            run: "click",
        },
        {
            trigger: `body:not(:has(.o_searchview_input:focus)) ${shown("Third")}`,
            run: "press x",
        },
        {
            trigger: `${line("Third")}.o_data_row_selected`,
            run: "press j",
        },
        {
            trigger: shown("Second"),
            run: "press x",
        },
        {
            content: "both selected messages are archived",
            trigger: `${line("Second")}.o_data_row_selected`,
            run: "press a",
        },
        {
            trigger:
                ".modal .o_field_widget[name=subjects]:contains(Third):contains(Second)",
        },
        {
            trigger: ".modal button:contains(Discard)",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_list_renderer",
            run: "press Enter",
        },
        {
            content: "Enter opens the message on a page of its own",
            trigger: `.o_form_view ${shown("Second")}`,
        },
    ],
});
