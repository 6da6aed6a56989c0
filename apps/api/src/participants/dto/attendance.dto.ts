import { ArrayMaxSize, IsArray, IsUUID } from 'class-validator';

/** Who came. An empty list says that no attendance was kept. */
export class AttendanceDto {
  /** Ids of confirmed registrations of this dialogue. */
  @IsUUID('all', { each: true }) @ArrayMaxSize(20_000) @IsArray() registration_ids: string[];
}
