/** What a calendar program shall do with an entry (RFC 5546, 1.4). */
export type CalendarMethod = 'REQUEST' | 'CANCEL';
