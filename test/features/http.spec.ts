import { startApi, type TestApi } from '../support/api';

describe('what all routes have in common', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  test('the probes answer', async () => {
    expect((await api.request('GET', '/health/live')).json()).toEqual({ status: 'up' });
    expect((await api.request('GET', '/health/ready')).json()).toEqual({ status: 'up', queue: 'up' });
  });

  test('an unknown address is a problem document to a program and a page to a person', async () => {
    const document = await api.request('GET', '/v1/nothing');
    expect(document.statusCode).toBe(404);
    expect(document.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(document.json()).toMatchObject({
      type: 'urn:plenary:problem:not_found',
      status: 404,
      code: 'not_found',
      instance: `urn:plenary:request:${document.headers['x-request-id']}`,
    });
    const page = await api.request('GET', '/d/nothing', undefined, { headers: { 'accept-language': 'ar' } });
    expect(page.statusCode).toBe(404);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('dir="rtl"');
  });

  test('ten megabytes are refused as too large', async () => {
    const answer = await api.request('POST', '/v1/mechanisms', { name: 'x'.repeat(10 * 1024 * 1024) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'too_large' });
  });

  test('nothing may be loaded from elsewhere, and no address is told', async () => {
    const { headers } = await api.request('GET', '/health/live');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const docs = await api.request('GET', '/docs');
    expect(docs.statusCode).toBe(200);
    expect(docs.headers['content-security-policy']).toContain(
      "script-src 'self'; style-src 'self' 'unsafe-inline'",
    );
  });
});
