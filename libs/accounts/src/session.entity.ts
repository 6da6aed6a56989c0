import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** An organiser's browser that is signed in; the cookie holds the secret, the row its hash. */
@Entity('sessions')
export class Session {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** Who is signed in. */
  @Column('uuid')
  organiserId: string;

  /** SHA-256 (hex) of the cookie's secret. */
  @Column('text')
  secretHash: string;

  /** Not after this instant. */
  @Column('timestamptz')
  expiresAt: Date;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
