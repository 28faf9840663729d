"""The workbench: pages made on the server for the people who decide cases. They show payments, never judge people."""
