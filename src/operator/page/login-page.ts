/** Where an operator signs in, and what is said where something is refused. */
import { renderDocument } from "./document.ts";
import { html } from "./markup.ts";

/** @param fault what went wrong the last time */
export function renderLoginPage(fault?: string): Promise<string> {
  return renderDocument({
    title: "Sign in",
    words: "The operator page of this instance asks for the value of OPERATOR_TOKEN.",
    main: html`<section class="narrow">
      <form method="post" action="/login">
        ${fault === undefined ? "" : html`<p role="alert" class="badge bad">${fault}</p>`}
        <label class="whole">Token<input type="password" name="token" required autocomplete="current-password" autofocus /></label>
        <button class="main">Sign in</button>
      </form>
    </section>`,
  });
}

/** @param detail in words of ours */
export function renderRefusedPage(detail: string): Promise<string> {
  return renderDocument({
    title: "Not like this",
    words: detail,
    main: html`<section class="narrow">
      <p><a href="/">Go to the operator page</a></p>
    </section>`,
  });
}
