// In a file of its own: the content security policy allows no script inside a page.
SwaggerUIBundle({
  url: document.getElementById("swagger-ui").dataset.document,
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null, // The default sends the document's URL to a third party's server.
});
