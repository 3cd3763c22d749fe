// Without deepLinking: its links stand inside buttons, which a screen reader cannot take apart.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", defaultModelsExpandDepth: 0 });

// Swagger UI gives the choice of examples no name.
new MutationObserver(() => {
  document.querySelectorAll(".examples-select-element").forEach(select => select.setAttribute("aria-label", "Example"));
}).observe(document.getElementById("api"), { childList: true, subtree: true });
