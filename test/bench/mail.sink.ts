import { SMTPServer } from 'smtp-server';

/** A mail server in a process of its own that takes everything and counts. Told `reset` it starts counting anew. */
let count = 0;
const server = new SMTPServer({
  authOptional: true,
  hideSTARTTLS: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  logger: false,
  onData(stream, _session, callback) {
    stream.resume();
    stream.on('end', () => {
      count++;
      callback();
    });
  },
});
server.on('error', () => undefined);
server.listen(0, '127.0.0.1', () => {
  const address = server.server.address();
  process.send!({ port: typeof address === 'object' && address!.port });
});
process.on('message', (message) => {
  process.send!({ count });
  if (message === 'reset') count = 0;
});
process.on('disconnect', () => process.exit(0));
