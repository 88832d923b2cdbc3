/** The people of a header as text, and as {name, email}; the server checks again. */

const ADDRESS =
    /^[^\s@<>()[\],;:"\\]+(?:\.[^\s@<>()[\],;:"\\]+)*@(?:[^\s@<>()[\],;:"\\.]+\.)+[^\s@<>()[\],;:"\\.\d][^\s@<>()[\],;:"\\.]*$/;
/** What makes a name need quotes (RFC 5322, 3.2.3). */
const SPECIAL = /[()<>@,;:\\".[\]]/;

export function isAddress(text) {
    return text.length < 255 && ADDRESS.test(text);
}

/** Divide text at commas, semicolons and line ends, but not inside of quotes or <>. */
function divide(text) {
    const parts = [""];
    let quoted = false;
    let angle = false;
    for (let at = 0; at < text.length; at++) {
        const sign = text[at];
        if (quoted && sign === "\\") {
            parts[parts.length - 1] += sign + (text[++at] || "");
            continue;
        }
        if (sign === '"') {
            quoted = !quoted;
        } else if (!quoted && (sign === "<" || sign === ">")) {
            angle = sign === "<";
        }
        if (/[\r\n\t;,]/.test(sign) && !quoted && !angle) {
            parts.push("");
        } else {
            parts[parts.length - 1] += sign;
        }
    }
    return parts.map((part) => part.trim()).filter(Boolean);
}

function readPerson(text) {
    const found = /^(.*?)<([^<>]*)>$/s.exec(text);
    if (!found) {
        const words = text.replace(/^mailto:/i, "").split(/\s+/);
        const email = words.at(-1);
        return isAddress(email)
            ? {name: words.slice(0, -1).join(" "), email}
            : {name: "", email: words.join(" ")};
    }
    let name = found[1].trim();
    if (/^".*"$/s.test(name)) {
        name = name.slice(1, -1).replace(/\\(.)/g, "$1");
    }
    return {name, email: found[2].trim()};
}

/** Return the people of a text, as it stands in a header or is pasted. */
export function parsePeople(text) {
    const people = [];
    let surname = "";
    for (const part of divide(text)) {
        const person = readPerson(part);
        // "Kowalski, Jan <jan@…>" without the quotes it needs
        if (surname && person.name) {
            person.name = `${surname}, ${person.name}`;
            people.pop();
        }
        const single = !part.includes("@") && !part.includes("<");
        surname = single ? part : "";
        people.push(person);
    }
    return people;
}

export function writePeople(people) {
    return people
        .map(({name, email}) => {
            if (!name) {
                // a word alone would be the surname of who follows
                return email.includes("@") ? email : `<${email}>`;
            }
            const plain = !SPECIAL.test(name);
            const written = plain ? name : `"${name.replace(/(["\\])/g, "\\$1")}"`;
            return `${written} <${email}>`;
        })
        .join(", ");
}
