export { AccountsModule } from './accounts.module';
export {
  accountAt,
  AccountsService,
  assertMayDraft,
  SESSION_HOURS,
  SIGN_IN_MINUTES,
  TOKEN_DAYS,
  type NewToken,
  type SignedIn,
} from './accounts.service';
export { ApiToken, type TokenScope } from './api-token.entity';
export { Organiser } from './organiser.entity';
export { Session } from './session.entity';
export { SignInLink } from './sign-in-link.entity';
export { SIGN_IN } from './mail-kinds';
