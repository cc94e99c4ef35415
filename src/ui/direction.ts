// Which way a field of many lines is written.

/** Lines up to which the browser finds the direction of each by itself: that takes it the square of their number (Chromium). */
const FEW_LINES = 500;

const beginsFromTheRight =
  /^\P{Letter}*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** For the `dir` of a field with this text. */
export function directionOf(text: string): 'auto' | 'ltr' | 'rtl' {
  if (text.split('\n', FEW_LINES + 1).length <= FEW_LINES) return 'auto';
  return beginsFromTheRight.test(text) ? 'rtl' : 'ltr';
}
