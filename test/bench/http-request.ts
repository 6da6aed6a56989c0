/** A request as it goes over the line, on a connection that stays open (RFC 9112). */
export function httpRequest(
  method: 'GET' | 'POST',
  path: string,
  { headers = {}, form }: { headers?: Record<string, string>; form?: Record<string, string> } = {},
): string {
  const body = form === undefined ? '' : new URLSearchParams(form).toString();
  const lines = Object.entries({
    host: 'localhost:3000',
    ...headers,
    ...(form !== undefined && {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(body)),
    }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
