import { AccountsService } from '@app/accounts';
import { createCommand } from './create-command';

/** The command `npm run create-organiser -- <address> <name>`: the first account, who then signs in by mail. */
async function main(): Promise<void> {
  const [address, ...name] = process.argv.slice(2);
  if (!address)
    throw new Error(
      'Give an address and a name: npm run create-organiser -- a.name@agency.example "A. Name"',
    );
  const command = await createCommand();
  const organiser = await command.get(AccountsService).ensureOrganiser(address, name.join(' ') || address);
  console.log(
    `${organiser.email} may sign in. Next: open ${process.env.PUBLIC_URL}/sign-in and ask for a link.`,
  );
  await command.close();
}

main().catch((error: Error) => {
  console.error(`No organiser made: ${error.message}`);
  process.exit(1);
});
