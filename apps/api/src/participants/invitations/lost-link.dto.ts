import { MaxLength } from 'class-validator';
import { Address } from '../../http/fields';

/** Somebody lost their personal link. */
export class LinkWish {
  /** The address with which they were invited or registered; the link goes there and nowhere else. */
  @Address() @MaxLength(320) email: string;
}

/** The same for everybody, whether the address is known or not. */
export class LinkWishReceived {
  status: 'received';

  detail: string;
}
