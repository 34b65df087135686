export { parseDateTimeMs as parseExpiryMs } from '../../core/date-time.ts';
