export { Import } from './imports/import.entity';
export type { ImportRow, ImportVerdict } from './imports/import.rules';
export { Invitation, type InvitationState } from './invitations/invitation.entity';
export { Places } from './places/places.entity';
export { Registration, type RegistrationState } from './registrations/registration.entity';
export {
  ADDRESS_CONFIRMATION,
  CONFIRMATION,
  INVITATION,
  INVITATION_CANCELLATION,
  REGISTRATION_LINK,
  WAITLISTED,
  WITHDRAWAL,
} from './mail-kinds';
