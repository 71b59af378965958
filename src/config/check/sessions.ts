/** Checks what a frontend asks of sessions: that somebody needs them, and that its callers have what minting one asks for. */
import type { Place } from "../place.ts";
import type { Reporter } from "../reporter.ts";
import type { CheckContext } from "./context.ts";
import { FIREBASE_APP_CHECK } from "../../session/presets.ts";
import { member, textOf } from "../place.ts";
import { checkRepeats } from "./context.ts";

const PROJECT_NUMBER = /^\d+$/;

export function checkSessions(root: Place, { reporter }: CheckContext): void {
  const proof = member(root, "proof");
  checkJwt(member(proof, "jwt"), reporter);
  const session = member(root, "session");
  if ((session?.value ?? "none") === "none") {
    if (proof === undefined || proof.value === "none") return;
    const hint = "set session: on-miss or session: required, or remove the line";
    reporter.warning(proof.nameAt, "proof-unused", "no request needs a session, so nobody is asked for this proof", hint);
    return;
  }
  if (session !== undefined) checkCallers(root, { session, proof }, reporter);
}

function checkCallers(root: Place, { session, proof }: { session: Place; proof: Place | undefined }, reporter: Reporter): void {
  const admitsApps = member(root, "apps")?.value === true;
  const admitsPages = (member(root, "origins")?.items ?? []).length > 0;
  if (!admitsApps && !admitsPages) {
    reporter.warning(session.nameAt, "session-unused", "only servers may call, and servers need no session", "remove the line");
  } else if (proof !== undefined && admitsApps && (proof.value === "altcha" || member(proof, "altcha") !== undefined)) {
    const message = "callers without Origin are asked for an ALTCHA solution, which is made for pages";
    reporter.warning(proof.nameAt, "proof-apps", message, "give apps a frontend of their own, with proof: { jwt: … }");
  }
}

function checkJwt(jwt: Place | undefined, reporter: Reporter): void {
  if (jwt === undefined) return;
  checkRepeats(member(jwt, "subjects"), reporter);
  if (textOf(member(jwt, "jwks")) === FIREBASE_APP_CHECK.jwks) checkFirebase(jwt, reporter);
}

/** Issuer and audience that no token of App Check has: then nobody would get a session. */
function checkFirebase(jwt: Place, reporter: Reporter): void {
  const { issuerPrefix, audiencePrefix } = FIREBASE_APP_CHECK;
  const [issuer, audience] = [member(jwt, "issuer"), member(jwt, "audience")];
  const iss = textOf(issuer);
  if (issuer !== undefined && iss !== undefined && !(iss.startsWith(issuerPrefix) && PROJECT_NUMBER.test(iss.slice(issuerPrefix.length)))) {
    const hint = `write ${issuerPrefix} and the project's number`;
    reporter.warning(issuer.at, "proof-firebase", "no token of Firebase App Check has this issuer", hint);
  }
  if (audience !== undefined && textOf(audience)?.startsWith(audiencePrefix) === false) {
    const hint = `write ${audiencePrefix} and the project's number`;
    reporter.warning(audience.at, "proof-firebase", "no token of Firebase App Check has this audience", hint);
  }
}
