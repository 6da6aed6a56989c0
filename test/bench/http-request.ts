/** A request as it goes over the line, on a connection that stays open (RFC 9112). */
export function httpRequest(
  method: 'GET' | 'POST',
  path: string,
  { headers = {}, json }: { headers?: Record<string, string>; json?: unknown } = {},
): string {
  const body = json === undefined ? '' : JSON.stringify(json);
  const lines = Object.entries({
    host: 'localhost:3000',
    ...headers,
    ...(json !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
