import type { Page } from 'playwright-core';

/** Tabs on to the field of this name, or to the button or link with this text. @throws Error when it never comes there. */
export async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let times = 0; times < 80; times++) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      return element?.name || element?.textContent?.trim() || '';
    });
    if (focused === wanted) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`The keyboard never comes to ${wanted}.`);
}

/**
 * Goes from the first option of the list that has the focus down to the one that begins so. To type it would do, but a
 * machine that stops for a second between two letters makes another word of them.
 * @throws Error when there is none.
 */
export async function choose(page: Page, option: string): Promise<void> {
  await page.keyboard.press('Home');
  for (let times = 0; times < 80; times++) {
    const chosen = await page.evaluate(
      () => (document.activeElement as HTMLSelectElement).selectedOptions[0]?.text ?? '',
    );
    if (chosen.startsWith(option)) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`The list has no option that begins with ${option}.`);
}
