/** Puts the words of the user's language into a page: `data-words` names each. */

for (const element of document.querySelectorAll("[data-words]")) {
    element.textContent = messenger.i18n.getMessage(element.dataset.words);
}
document.documentElement.lang = messenger.i18n.getUILanguage();
