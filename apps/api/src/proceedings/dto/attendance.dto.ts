import { ArrayMaxSize, IsArray, IsUUID } from 'class-validator';

/** Who came. An empty list says that no attendance was kept. */
export class AttendanceDto {
  /** Ids of confirmed registrations of this dialogue. */
  @IsArray() @ArrayMaxSize(20_000) @IsUUID('all', { each: true }) registration_ids: string[];
}
