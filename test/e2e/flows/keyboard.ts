/** A person without a mouse: keys alone, and after each of them the focus has to be somewhere that one can see. */
import type { Locator, Page } from 'playwright-core';

/** More stops than any page has; a tab order that never comes there ends here. */
const maximumStops = 250;
/** Focus is drawn with a short animation, and comes back from a dialog when that has gone. */
const drawnWithinMs = 2000;

/**
 * What is wrong with the focus now, or null. It is visible where the element, or an edge drawn around it or around what
 * holds it, has an outline, a shadow or a thick border, a link two lines below it: that is how the component library and this console show it.
 */
function problemNow(): string | null {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return 'the focus is nowhere';
  const words = `${focused.tagName} "${focused.getAttribute('aria-label') ?? focused.textContent?.slice(0, 40)}"`;
  const box = focused.getBoundingClientRect();
  if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) {
    return `${words} is out of sight`;
  }
  const isDrawn = (style: CSSStyleDeclaration) =>
    (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1) ||
    style.boxShadow !== 'none' ||
    style.textDecorationStyle === 'double';
  const isEdge = (style: CSSStyleDeclaration) =>
    style.content !== 'none' &&
    !style.transform.startsWith('matrix(0,') &&
    (isDrawn(style) || Number.parseFloat(style.borderBottomWidth) >= 2);
  const around = [focused, focused.parentElement].filter((element) => element !== null);
  const isVisible =
    isDrawn(getComputedStyle(focused)) ||
    around.some((element) => ['::before', '::after'].some((edge) => isEdge(getComputedStyle(element, edge))));
  return isVisible ? null : `nobody sees that ${words} has the focus`;
}

/** Fails where the focus is lost, or cannot be seen. `what` is what was done before. */
export async function seeFocus(page: Page, what: string): Promise<void> {
  const deadline = Date.now() + drawnWithinMs;
  for (;;) {
    const problem = await page.evaluate(problemNow);
    if (problem === null) return;
    if (Date.now() > deadline) throw new Error(`after ${what}: ${problem}`);
  }
}

/** Presses a key, and fails where the focus is lost or cannot be seen afterwards. */
export async function pressVisibly(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await seeFocus(page, key);
}

function isFocused(target: Locator): Promise<boolean> {
  return target.evaluateAll((elements) => elements.some((element) => element === document.activeElement));
}

/** Goes on with a key until the target has the focus. */
export async function goTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  await target.first().waitFor();
  for (let stops = 0; stops < maximumStops; stops++) {
    if (await isFocused(target)) return;
    await pressVisibly(page, key);
  }
  throw new Error(`${key} does not come to ${target.toString()}`);
}
