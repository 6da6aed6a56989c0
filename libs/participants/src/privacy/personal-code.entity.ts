import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A code mailed to the address on file: proves more than the link does, which may have been forwarded (design, idea 8). */
@Entity('personal_codes')
export class PersonalCode {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** Whose. */
  @Column('uuid')
  registrationId: string;

  /** SHA-256 (hex) of id and code. */
  @Column('text')
  codeHash: string;

  /** The address that it was mailed to, when that is not the one on file but the one that shall replace it. */
  @Column('text', { nullable: true })
  newEmail: string | null;

  /** How often it was tried. */
  @Column('integer', { default: 0 })
  attempts: number;

  /** Not after this instant. */
  @Column('timestamptz')
  expiresAt: Date;

  /** When it was used. */
  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
