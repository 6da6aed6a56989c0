import { readFileSync } from 'node:fs';
import { createTransport, type SendMailOptions } from 'nodemailer';

/**
 * The limit: nodemailer's pool alone sends the messages of a file, one of JSON on each line, with no database, no queue
 * and no rendering. Settings: SMTP_URL, CONNECTIONS, MESSAGES (a file). Says when it is ready; then each question sends
 * them all and is answered by how many milliseconds that took.
 */
const { SMTP_URL: url, CONNECTIONS: connections, MESSAGES: file } = process.env;
const messages = readFileSync(file!, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as SendMailOptions);
const transport = createTransport({
  url: url!,
  pool: true,
  maxConnections: Number(connections),
  maxMessages: Infinity,
  maxRequeues: 0,
});

async function sendAll(): Promise<number> {
  const started = performance.now();
  let next = 0;
  // As many as can be on the line, and as many that wait: all at once would only fill the memory.
  await Promise.all(
    Array.from({ length: 2 * Number(connections) }, async () => {
      while (next < messages.length) await transport.sendMail(messages[next++]!);
    }),
  );
  return performance.now() - started;
}

process.on('message', () => {
  void sendAll().then((milliseconds) => process.send!({ milliseconds }));
});
process.on('disconnect', () => process.exit(0));
process.send!('ready');
