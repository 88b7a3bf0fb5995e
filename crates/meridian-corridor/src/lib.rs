//! Every way for the goods: networks, Pareto routes, forecasts, shipments
