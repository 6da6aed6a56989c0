import { createServer, type AddressInfo } from 'node:net';

/**
 * A mail server in a process of its own that takes everything, counts, and spends little on it. Tells its parent the
 * port; asked anything it says what it took since it was asked last: `{ count, bytes, times }`, the times being when the
 * final dot of each came, in milliseconds since 1970.
 */
const END_OF_DATA = Buffer.from('\r\n.\r\n');
let taken: { count: number; bytes: number; times: number[] } = { count: 0, bytes: 0, times: [] };

const server = createServer({ noDelay: true }, (socket) => {
  let inData = false;
  let line = '';
  /** The last bytes of a message so far: its end may come in two pieces. */
  let last: Buffer = Buffer.alloc(0);
  socket.write('220 sink.example ESMTP\r\n');
  socket.on('data', (chunk: Buffer) => {
    if (inData) {
      taken.bytes += chunk.length;
      last = chunk.length >= END_OF_DATA.length ? chunk : Buffer.concat([last, chunk]);
      last = last.subarray(-END_OF_DATA.length);
      if (!last.equals(END_OF_DATA)) return;
      inData = false;
      taken.count++;
      taken.times.push(Date.now());
      socket.write('250 2.0.0 taken\r\n');
      return;
    }
    line += chunk.toString('latin1');
    if (!line.endsWith('\r\n')) return;
    const command = line.slice(0, 4).toUpperCase();
    line = '';
    if (command === 'EHLO') socket.write('250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n');
    else if (command === 'DATA') {
      inData = true;
      last = Buffer.alloc(0);
      socket.write('354 go on\r\n');
    } else if (command === 'QUIT') socket.end('221 bye\r\n');
    else socket.write('250 2.0.0 ok\r\n');
  });
  socket.on('error', () => undefined);
});
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  process.send!(taken);
  taken = { count: 0, bytes: 0, times: [] };
});
process.on('disconnect', () => process.exit(0));
