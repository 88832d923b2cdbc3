/** Brightness, of 255, under which a background counts as dark. */
const MIDDLE = 110;

/**
 * Whether an element stands on a dark background, whoever made the screen dark.
 *
 * @param {HTMLElement} element
 */
export function isDark(element) {
    for (let el = element.parentElement; el; el = el.parentElement) {
        const color = getComputedStyle(el)
            .backgroundColor.match(/[\d.]+/g)
            ?.map(Number);
        if (color && (color[3] ?? 1) > 0.5) {
            return 0.3 * color[0] + 0.6 * color[1] + 0.1 * color[2] < MIDDLE;
        }
    }
    return false;
}
