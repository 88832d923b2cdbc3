/** One address as the server writes it: `"Name, Quoted" <a@b>`, `Name <a@b>` or `a@b`. */
const ADDRESS = /\s*(?:"((?:[^"\\]|\\.)*)"|([^",<]*))\s*(?:<([^>]*)>)?\s*(?:,|$)/y;

/**
 * Return the people of a header's value, for a list: the viewer has the server's answer.
 *
 * @param {String} value of email_from or email_to
 * @returns {{name: String, address: String}[]}
 */
export function readPeople(value) {
    const people = [];
    const text = (value || "").slice(0, 2000);
    ADDRESS.lastIndex = 0;
    while (ADDRESS.lastIndex < text.length) {
        const found = ADDRESS.exec(text);
        if (!found) {
            break;
        }
        const name = (found[1] ?? found[2] ?? "").replace(/\\(.)/g, "$1").trim();
        const address = found[3] ?? name;
        if (name || address) {
            people.push({name: name || address, address});
        }
    }
    return people;
}
