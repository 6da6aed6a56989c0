import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A one-time link that was mailed to an organiser; the secret itself is composed from its id, never stored. */
@Entity('sign_in_links')
export class SignInLink {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** Whom it signs in. */
  @Column('uuid')
  organiserId: string;

  /** Not after this instant. */
  @Column('timestamptz')
  expiresAt: Date;

  /** When it was used; a used link signs nobody in. */
  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
