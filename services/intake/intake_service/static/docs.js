// Without deepLinking: its links stand inside buttons, which a screen reader cannot take apart.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", defaultModelsExpandDepth: 0 });
