// What a person copies by hand where the browser refuses to do it.

/** Selects all the text of an element, or of a field, and takes it into view. */
export function selectText(element: HTMLElement | null): void {
  if (element === null) return;
  element.scrollIntoView({ block: 'nearest' });
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
    element.focus();
    element.select();
    return;
  }
  getSelection()?.selectAllChildren(element);
}
