import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** When whoever is silent is asked again. */
@Entity('chasing_rules')
export class ChasingRule {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** In which dialogue. */
  @Column('uuid')
  dialogueId: string;

  /** From what the duration is counted: on from the invitation, or back from the deadline to answer or nominate. */
  @Column('text')
  counted: 'after_invitation' | 'before_deadline';

  /** ISO 8601 duration; days are calendar days in the dialogue’s zone. */
  @Column('text')
  duration: string;

  /** Who is written to: the silent themselves, or the focal point of their delegation. */
  @Column('text')
  tells: 'invitee' | 'focal_point';

  /** Since when the rule holds: it never reaches back. */
  @Column('timestamptz', { default: () => 'now()' })
  effectiveAt: Date;
}
