import { createCommand } from './create-command';
import { releaseMails } from './mails/release-mails';

/** The command `npm run release-mails`: for an operator, after a backup was put back and everything is held. */
async function main(): Promise<void> {
  const command = await createCommand();
  try {
    for (const line of await releaseMails(command, process.argv.slice(2))) console.log(line);
  } finally {
    await command.close();
  }
}

main().catch((error: Error) => {
  console.error(`No mail released: ${error.message}`);
  process.exit(1);
});
