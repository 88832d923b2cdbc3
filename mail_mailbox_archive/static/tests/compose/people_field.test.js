import {
    Deferred,
    advanceTime,
    animationFrame,
    describe,
    expect,
    press,
    queryAllTexts,
    test,
} from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {
    isAddress,
    parsePeople,
    writePeople,
} from "@mail_mailbox_archive/compose/people_text.esm";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

const DRAFT = "mail.mailbox.draft";
const INPUT = ".o-mailbox-People-input";
const CHIP = ".o-mailbox-People-chip";
const OPTION = ".o-mailbox-People-option";

class Draft extends models.Model {
    _name = DRAFT;
    email_to = fields.Text({onChange: () => undefined});
    _records = [{id: 1, email_to: '"Nowak, Anna" <anna@spostex.example>'}];
}

describe.current.tags("desktop");
defineMailModels();
defineModels([Draft]);

test("text becomes people as the server reads it, and text again", () => {
    for (const [text, people] of [
        ["a@b.example", [["", "a@b.example"]]],
        [
            "Jan Lis <j@b.example>; a@b.example",
            [
                ["Jan Lis", "j@b.example"],
                ["", "a@b.example"],
            ],
        ],
        ['"Lis, Jan" <j@b.example>', [["Lis, Jan", "j@b.example"]]],
        ["Lis, Jan <j@b.example>", [["Lis, Jan", "j@b.example"]]],
        [
            "Jan Lis j@b.example\nmailto:a@b.example",
            [
                ["Jan Lis", "j@b.example"],
                ["", "a@b.example"],
            ],
        ],
        [
            "anna, a@b.example",
            [
                ["", "anna"],
                ["", "a@b.example"],
            ],
        ],
        [
            "<anna>, Jan <j@b.example>",
            [
                ["", "anna"],
                ["Jan", "j@b.example"],
            ],
        ],
    ]) {
        const found = parsePeople(text);
        expect(found.map(({name, email}) => [name, email])).toEqual(people);
        expect(parsePeople(writePeople(found))).toEqual(found);
    }
    const right = ["a@b.example", "a.b+c@d-e.example", "łucja@żółw.example"];
    const wrong = ["a@", "a", "a@b", "a b@c.example", "a@b..example", "@b.example"];
    expect(right.filter(isAddress)).toEqual(right);
    expect(wrong.filter(isAddress)).toEqual([]);
});

const PEOPLE = [
    {name: "Maria Lis", email: "maria@spostex.example"},
    {name: "", email: "marek@spostex.example"},
];

async function openForm() {
    onRpc(DRAFT, "complete", ({args}) => {
        expect.step(args[0]);
        return PEOPLE;
    });
    await mountView({
        type: "form",
        resModel: DRAFT,
        resId: 1,
        arch: '<form><field name="email_to" widget="mailbox_people"/></form>',
    });
}

async function type(text) {
    await contains(INPUT).edit(text, {confirm: false});
    await advanceTime(200);
    await animationFrame();
}

test("people are completed and chosen with the keys alone", async () => {
    await openForm();
    expect(queryAllTexts(CHIP)).toEqual(["Nowak, Anna"]);
    await type("mar");
    expect.verifySteps(["mar"]);
    expect(queryAllTexts(OPTION)).toEqual(
        ["Maria Lis maria@spostex.example", "marek@spostex.example"].map((text) =>
            text.replace("Lis ", "Lis")
        )
    );
    expect(INPUT).toHaveAttribute("aria-expanded", "true");
    await press("ArrowDown");
    await animationFrame();
    expect(`${OPTION}.active`).toHaveText("marek@spostex.example");
    await press("Enter");
    await animationFrame();
    expect(queryAllTexts(CHIP)).toEqual(["Nowak, Anna", "marek@spostex.example"]);
    expect(INPUT).toHaveValue("");
    await type("mar");
    expect(queryAllTexts(OPTION)).toHaveLength(1);
    await press("Tab");
    await animationFrame();
    expect(queryAllTexts(CHIP)).toHaveLength(3);
    await press("Backspace");
    await animationFrame();
    expect(INPUT).toHaveValue("Maria Lis <maria@spostex.example>");
    expect(queryAllTexts(CHIP)).toHaveLength(2);
    expect.verifySteps(["mar"]);
});

test("a whole address and a comma need no list; what is wrong is marked", async () => {
    await openForm();
    await contains(INPUT).edit("jan@b.example,", {confirm: false});
    await animationFrame();
    await type("maria@spostex.example");
    expect(`${OPTION}.active`).toHaveCount(0);
    await press("Enter");
    await animationFrame();
    await contains(INPUT).edit("nobody;", {confirm: false});
    await animationFrame();
    expect(INPUT).toHaveValue("");
    expect(queryAllTexts(CHIP)).toEqual([
        "Nowak, Anna",
        "jan@b.example",
        "maria@spostex.example",
        "nobody",
    ]);
    expect(".o-mailbox-People-wrong").toHaveText("nobody");
    await contains(".o-mailbox-People-wrong button").click();
    expect(".o-mailbox-People-wrong").toHaveCount(0);
    expect.verifySteps(["maria@spostex.example"]);
});

test("who was offered for an older text is not taken", async () => {
    await openForm();
    await type("mar");
    await contains(INPUT).edit("jan@b.example", {confirm: false});
    await press("Tab");
    await animationFrame();
    expect(queryAllTexts(CHIP)).toEqual(["Nowak, Anna", "jan@b.example"]);
    // the answer comes after the text is another one
    const answer = new Deferred();
    onRpc(DRAFT, "complete", async ({args}) => {
        await answer;
        return args[0] === "jo" ? PEOPLE : [];
    });
    await type("jo");
    await contains(INPUT).edit("joanna", {confirm: false});
    answer.resolve();
    await animationFrame();
    expect(OPTION).toHaveCount(0);
    await press("Enter");
    await animationFrame();
    expect(queryAllTexts(CHIP).at(-1)).toBe("joanna");
    expect.verifySteps(["mar"]);
});

test("who types ahead of the list gets whom it offers", async () => {
    await openForm();
    await contains(INPUT).edit("mar", {confirm: false});
    await press("Enter");
    await animationFrame();
    expect(queryAllTexts(CHIP)).toEqual(["Nowak, Anna", "Maria Lis"]);
    expect.verifySteps(["mar"]);
});

test("what is added and removed while the server is asked is so", async () => {
    await openForm();
    const answered = new Deferred();
    onRpc(DRAFT, "onchange", async () => {
        await answered;
    });
    await contains(INPUT).edit("jan@b.example,", {confirm: false});
    await contains(INPUT).edit("ola@b.example,", {confirm: false});
    await contains(INPUT).edit("ewa@b.example,", {confirm: false});
    await animationFrame();
    await contains(`${CHIP}:eq(0) button`).click();
    await contains(`${CHIP}:eq(0) button`).click();
    await animationFrame();
    answered.resolve();
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(CHIP)).toEqual(["ola@b.example", "ewa@b.example"]);
});

test("a whole list is pasted", async () => {
    await openForm();
    const clipboard = new DataTransfer();
    clipboard.setData(
        "text/plain",
        "Jan <jan@b.example>; ola@b.example\nANNA@spostex.example"
    );
    document
        .querySelector(INPUT)
        .dispatchEvent(new ClipboardEvent("paste", {clipboardData: clipboard}));
    await animationFrame();
    expect(queryAllTexts(CHIP)).toEqual(["Nowak, Anna", "Jan", "ola@b.example"]);
});
