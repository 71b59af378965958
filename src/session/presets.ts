/** What is known of issuers whose tokens are often shown as a proof. docs/configuration.md has the lines to write. */

/**
 * Firebase App Check: `issuer` is `issuerPrefix` and the project's number, `audience` is `audiencePrefix` and its number or its id,
 * `subjects` are app ids. Tokens live for an hour by default and may be shown more than once.
 * Source: firebase.google.com/docs/app-check/custom-resource-backend
 */
export const FIREBASE_APP_CHECK = {
  jwks: "https://firebaseappcheck.googleapis.com/v1/jwks",
  issuerPrefix: "https://firebaseappcheck.googleapis.com/",
  audiencePrefix: "projects/",
} as const;

/**
 * An app's own login with OpenID Connect: `issuer`, and `jwks` from the member `jwks_uri`, are in the document at the issuer's address and
 * this path. `audience` is that of an access token made for this proxy; an ID token's is the app's client id.
 * Source: OpenID Connect Discovery 1.0 §4, RFC 9068
 */
export const OIDC_DISCOVERY_PATH = "/.well-known/openid-configuration";
