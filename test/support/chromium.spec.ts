import type { Browser } from 'playwright-core';
import { launchBrowser } from './chromium';

describe('the browser of the page tests', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  test('draws a page with Latin and Arabic letters', async () => {
    const page = await browser.newPage({ viewport: { width: 400, height: 200 } });
    await page.goto(
      'data:text/html;charset=utf-8,<html dir=rtl><title>Dialogue</title><h1>Plenary</h1><p>مرحبا بكم</p>',
    );
    expect(await page.title()).toBe('Dialogue');
    const box = await page.locator('p').boundingBox();
    expect(box?.width).toBeGreaterThan(100);
    const picture = await page.screenshot({
      ...(process.env['SCREENSHOT'] && { path: process.env['SCREENSHOT'] }),
    });
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    // An empty page of this size compresses to about 700 bytes.
    expect(picture.length).toBeGreaterThan(2_000);
    await page.close();
  });

  test('two pages keep cookies apart when their contexts are apart', async () => {
    const [one, other] = await Promise.all([browser.newContext(), browser.newContext()]);
    await one.addCookies([{ name: 'a', value: '1', url: 'http://localhost/' }]);
    expect(await other.cookies()).toEqual([]);
    await Promise.all([one.close(), other.close()]);
  });
});
