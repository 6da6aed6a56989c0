import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What a token may do: `read` only looks, `write` also changes. */
export type TokenScope = 'read' | 'write';

/** A bearer token for the API: shown once, kept as a hash. */
@Entity('api_tokens')
export class ApiToken {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** On whose behalf it acts. */
  @Column('uuid')
  organiserId: string;

  /** The token by which it was made; null: made on the page, by who was signed in. It is revoked with that one. */
  @Column('uuid', { nullable: true })
  madeBy: string | null;

  /** What its maker calls it. */
  @Column('text')
  name: string;

  /** SHA-256 (hex) of its secret. */
  @Column('text')
  secretHash: string;

  /** What it may do. */
  @Column('text')
  scope: TokenScope;

  /** Not after this instant. */
  @Column('timestamptz')
  expiresAt: Date;

  /** When it was revoked, if it was. */
  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  /** When it was last seen, to the minute. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
