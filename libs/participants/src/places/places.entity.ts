import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A limit on how many may take part, and the lock under which places are taken (design, idea 7). */
@Entity('places')
export class Places {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** The dialogue it belongs to. */
  @Column('uuid')
  dialogueId: string;

  /** What is limited. */
  @Column('text', { default: 'dialogue' })
  scope: 'dialogue';

  /** How many places there are; null: no limit. */
  @Column('integer', { nullable: true })
  places: number | null;

  /** How many are taken. */
  @Column('integer', { default: 0 })
  taken: number;

  /** The number that the next person on the waitlist gets; taken under the lock, so the order is strict. */
  @Column('bigint', { default: 1 })
  nextWaitlistNumber: string;
}
