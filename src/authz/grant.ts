/** The grammar of a permission: two or more segments between colons. */
export const permissionPattern = '^[A-Za-z0-9_.-]+(?::[A-Za-z0-9_.-]+)+$';

/** The grammar of what a role grants: a permission, or its beginning and a star. */
export const grantPattern = '^[A-Za-z0-9_.-]+(?::[A-Za-z0-9_.-]+)*:(?:[A-Za-z0-9_.-]+|\\*)$';

const permission = new RegExp(permissionPattern);
const grant = new RegExp(grantPattern);

/** Whether a text is a permission. */
export const isPermission = (text: string): boolean => permission.test(text);

/** Whether a text is something that a role can grant. */
export const isGrant = (text: string): boolean => grant.test(text);

/** Whether a grant covers a permission: `orders:*` covers `orders:read` and `orders:read:own`, not `orders`. */
export const covers = (granted: string, wanted: string): boolean =>
  granted.endsWith(':*') ? wanted.startsWith(granted.slice(0, -1)) : granted === wanted;
